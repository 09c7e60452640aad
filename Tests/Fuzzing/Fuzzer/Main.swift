import CLibFuzzer
import FuzzTargets
import Glibc

/// `fuzzer TARGET [libFuzzer's arguments]`; people call `Tests/Fuzzing/run`.
@main
enum Fuzzer {
    /// libFuzzer starts the program again, without our own word, to merge corpora.
    private static let variable = "P2PMSG_FUZZ_TARGET"

    static func main() {
        var arguments = CommandLine.arguments
        if arguments.count >= 2, FuzzTarget(rawValue: arguments[1]) != nil {
            setenv(variable, arguments.remove(at: 1), 1)
        }
        guard let name = getenv(variable), let target = FuzzTarget(rawValue: String(cString: name)) else {
            let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: "|")
            Report.say("usage: fuzzer \(names) [libFuzzer's arguments]")
            exit(2)
        }
        Harness.begin(target)
        // libFuzzer keeps looking at the arguments until the process ends.
        let words = arguments.map { strdup($0) } + [nil]
        let buffer = UnsafeMutableBufferPointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: words.count)
        _ = buffer.initialize(from: words)
        var count = CInt(words.count - 1)
        var start = buffer.baseAddress
        _ = LLVMFuzzerRunDriver(&count, &start) { data, size in
            Harness.run(UnsafeBufferPointer(start: data, count: size))
            return 0
        }
    }
}
