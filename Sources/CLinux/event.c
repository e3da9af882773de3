#include "clinux_event.h"
