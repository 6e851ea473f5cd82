/* version: the program's, in one place. */
#ifndef VERSION_H
#define VERSION_H

#define CACHEMK_VERSION "1.0.0"

#endif
