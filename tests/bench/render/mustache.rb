# mustache.rb CONTEXT OUTPUT: cachemk's template with ruby-mustache, escaping as it does for HTML.
require "json"
require "mustache"

folder = File.expand_path("../../../templates", __dir__)
Mustache.template_path = folder
view = Mustache.new
view.template = File.read("#{folder}/cache.mk.mustache")
File.write(ARGV[1], view.render(JSON.parse(File.read(ARGV[0]))))
