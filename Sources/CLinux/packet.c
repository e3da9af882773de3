#include "clinux_packet.h"
