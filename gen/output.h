/* output: writes a generated file atomically.
 *
 * The text is written to a new file beside the old one, flushed to the disk, and renamed over it.
 * Whatever happens on the way (a full disk, a kill -9), the old file is as it was.  Signals other
 * than SIGKILL wait for the end of this, so that they leave no temporary file.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "diag.h"

/* Whether PATH holds exactly LEN bytes of TEXT.  A file that cannot be read does not. */
bool output_holds(const char *path, const char *text, size_t len);

/* Makes PATH hold exactly LEN bytes of TEXT.  A file that holds them already keeps its bytes and
 * gets a new time of change, so that make sees it as up to date, or keeps the old one if it may not
 * be changed.  A symbolic link is followed.
 * The directory must exist.
 * The mode is 0666 less the umask, or that of the old file.  False after reporting an error. */
bool output_write(const char *path, const char *text, size_t len, struct diag *diag);

/* Whether PATH is what standard output goes to, whatever that is called: `/dev/stdout`, for
 * example, or the name of the file. */
bool output_is_standard(const char *path);

/* Whether PATH holds exactly LEN bytes of TEXT; reports an error if it does not. */
bool output_check(const char *path, const char *text, size_t len, struct diag *diag);

/* Writes LEN bytes of TEXT to standard output.  False after reporting an error. */
bool output_print(const char *text, size_t len, struct diag *diag);

#endif
