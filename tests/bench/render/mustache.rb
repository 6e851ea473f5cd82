# mustache.rb CONTEXT OUTPUT: cachemk's template with ruby-mustache, escaping as it does for HTML.
require "json"
require "mustache"

directory = File.expand_path("../../../templates", __dir__)
Mustache.template_path = directory
view = Mustache.new
view.template = File.read("#{directory}/cache.mk.mustache")
File.write(ARGV[1], view.render(JSON.parse(File.read(ARGV[0]))))
