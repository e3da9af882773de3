import CLinux

package enum Memory {
    /// After a start or a reload: lets go of what only that needed, so that two idle processes stay
    /// as small as what they do. Nothing is lost; what runs again costs a page fault once.
    package static func releaseStart() { clinux_release_start_memory() }
}
