import Glibc

/// Writing to the standard streams, whole and unbuffered, so that lines of several threads never mix.
package enum StandardStreams {
    /// Writes all bytes to standard output.
    ///
    /// - Throws: ``OutputError``: the caller stops, and the command runner reports why.
    package static func out(_ text: String) throws(OutputError) { try out(Array(text.utf8)) }

    /// As the same of a text.
    package static func out(_ bytes: [UInt8]) throws(OutputError) {
        let code = write(bytes, to: STDOUT_FILENO)
        if code != 0 { throw OutputError(code) }
    }

    /// Closes standard output after the last word: only then does a full disk behind a network show, or a full quota.
    ///
    /// - Throws: ``OutputError``.
    package static func finishOut() throws(OutputError) {
        if close(STDOUT_FILENO) != 0, errno != EINTR { throw OutputError(errno) }
    }

    /// Writes all bytes to standard error; what cannot be written is lost.
    package static func error(_ text: String) { _ = write(Array(text.utf8), to: STDERR_FILENO) }

    /// To be called before anything is opened or written.
    ///
    /// A reader that goes away must be an error value at the write, not a signal that kills the process. And a stream that
    /// was closed by the parent process (`>&-`) gets a place holder that fails: the next file or socket would otherwise
    /// take its number, and our words with it.
    package static func prepare() {
        signal(SIGPIPE, SIG_IGN)
        for (stream, uselessMode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY)]
        where fcntl(stream, F_GETFD) < 0 {
            // The lowest number that is free, which is this one.
            _ = open("/dev/null", uselessMode)
        }
    }

    /// - Returns: 0 once all bytes are written, else an `errno`.
    package static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if written < 0, errno == EAGAIN {
                var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&waiting, 1, -1)
            } else if written == 0 || errno != EINTR {
                return written == 0 ? EIO : errno
            }
        }
        return 0
    }
}

/// Nothing more can be written to standard output.
package enum OutputError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The reader has had enough (`| head`): not an error.
    case readerGone
    /// The system's error number, for example of a full disk.
    case failed(Int32)

    init(_ number: Int32) { self = number == EPIPE ? .readerGone : .failed(number) }

    package var description: String {
        switch self {
        case .readerGone: "nobody reads standard output any more"
        case .failed(let number): "cannot write to standard output: \(describe(errno: number))"
        }
    }
}

/// The system's words for an error number, for example "Address already in use".
package func describe(errno number: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    guard strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
