// The kernel's edge as plain functions: whatever Swift cannot import or must not do itself.
#pragma once
#include "clinux_digest.h"
#include "clinux_event.h"
#include "clinux_memory.h"
#include "clinux_packet.h"
#include "clinux_process.h"
#include "clinux_stream.h"
#include "clinux_watch.h"
#include "clinux_probe.h"
