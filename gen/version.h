/* version: the program's, in one place. */
#ifndef VERSION_H
#define VERSION_H

#define CACHEMK_VERSION "2.0.0"

#endif
