// Memory that a process does not need any more.
#pragma once

// Keeps so much free heap for what comes next, until it is given back on purpose.
void clinux_keep_heap_top(unsigned long bytes);

// Gives free heap back, and lets go of program pages that only starting needed: what runs again is
// mapped again from the page cache. Where memory is locked, it stays.
void clinux_release_start_memory(void);
