# Goals: all
# All variables are exported.
.EXPORT_ALL_VARIABLES:
PROFILE = release
#include
NAME = value
all: ; @env | grep -e '^NAME=' -e '^PROFILE=' -e '^WORKSPACE=' | sort
