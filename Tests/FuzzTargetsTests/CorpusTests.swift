import Foundation
import FuzzTargets
import Testing

/// The fuzzer's corpus as tests: whatever it found once stays found.
@Suite struct CorpusTests {
    @Test(arguments: FuzzTarget.allCases)
    func everyInputOfTheCorpus_isWhatTheModelSays(_ target: FuzzTarget) throws {
        let inputs = try Corpus.inputs(of: target)
        #expect(!inputs.isEmpty)
        for (name, bytes) in inputs {
            var timer = CallTimer(.wall)
            do {
                try target.run(bytes, timing: &timer)
            } catch {
                Issue.record("\(target.rawValue)/\(name): \(error)")
            }
        }
    }
}

/// Tests/Fuzzing/Corpus.
enum Corpus {
    static func inputs(of target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
        let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fuzzing/Corpus/\(target.rawValue)")
        return try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
            .sorted { $0.path < $1.path }
            .map { ($0.lastPathComponent, Array(try Data(contentsOf: $0))) }
    }
}
