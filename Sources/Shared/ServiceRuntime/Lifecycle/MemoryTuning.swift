import Glibc

/// glibc's allocator keeps an arena for each thread that allocates and gives little back; a service has up to a dozen
/// threads and moves every message through several of them.
package enum MemoryTuning {
    private typealias Mallopt = @convention(c) (_ parameter: Int32, _ value: Int32) -> Int32

    /// `M_ARENA_MAX` and `M_TRIM_THRESHOLD` of glibc's malloc.h, which Swift's Glibc module leaves out.
    private static let arenaMaximum: Int32 = -8
    private static let trimThreshold: Int32 = -1

    /// Arenas: one for the bus's thread and one for the others.
    private static let arenas: Int32 = 2
    /// Free bytes at the top of the heap that are kept.
    private static let trimBytes: Int32 = 1 << 20

    /// To be called before the first thread is made. Does nothing where the C library has no such function.
    package static func apply() {
        guard let symbol = dlsym(nil, "mallopt") else { return }
        let mallopt = unsafeBitCast(symbol, to: Mallopt.self)
        _ = mallopt(arenaMaximum, arenas)
        _ = mallopt(trimThreshold, trimBytes)
    }
}
