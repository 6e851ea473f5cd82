// mustache.js CONTEXT OUTPUT: cachemk's template with mustache.js, escaping as it does for HTML.
const fs = require("fs");
const path = require("path");
const Mustache = require("mustache");

const directory = path.join(__dirname, "..", "..", "..", "templates");
const load = (name) => fs.readFileSync(path.join(directory, `${name}.mustache`), "utf8");
const context = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
fs.writeFileSync(process.argv[3], Mustache.render(load("cache.mk"), context, load));
