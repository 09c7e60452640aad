import CLibFuzzer
import FuzzTargets
import Glibc

/// `fuzzer TARGET [libFuzzer's arguments]`; people call `Tests/Fuzzing/run`.
@main
enum Fuzzer {
    static func main() {
        guard CommandLine.arguments.count >= 2, let target = FuzzTarget(rawValue: CommandLine.arguments[1]) else {
            let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: "|")
            Report.say("usage: fuzzer \(names) [libFuzzer's arguments]")
            exit(2)
        }
        Harness.begin(target)
        // libFuzzer keeps looking at the arguments until the process ends.
        let words = ([CommandLine.arguments[0]] + CommandLine.arguments.dropFirst(2)).map { strdup($0) } + [nil]
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
