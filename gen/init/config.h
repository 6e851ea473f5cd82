/* config: what a project's .cargo/config.toml asks for that is not in a container. */
#ifndef CONFIG_H
#define CONFIG_H

struct project;

/* Adds a note for each such setting, and for each registry that only this machine's cargo knows. */
void config_check(struct project *project);

#endif
