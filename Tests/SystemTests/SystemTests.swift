import Testing

/// Ring three: the built programs as their users run them, with real UDP, real sockets, real SQLite, real HTTP.
///
/// One after the other, because each of them has a machine's worth of processes and some measure time.
@Suite("System", .serialized)
enum SystemTests {}
