import HTTPTypes

/// What proxies say in `X-Forwarded-*`, or in `Forwarded` (RFC 7239), the nearest one last.
struct Forwarded: Hashable, Sendable {
    /// What one proxy says.
    struct Hop: Hashable, Sendable {
        /// `for`: an address, perhaps with a port; `unknown`; or a name that only the proxy understands.
        var visitor: String?
        var host: String?
        /// `proto`: http or https.
        var scheme: String?
    }

    let hops: [Hop]

    /// What stands in a request. A proxy that sets the older headers hands on whatever `Forwarded` a visitor sends, so it counts
    /// only where none of those is there.
    init(_ headers: HTTPFields) {
        let lists = [HTTPField.Name.forwardedFor, .forwardedHost, .forwardedProto].map { name in
            headers[values: name].flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
                .map(Forwarded.trimmed)
        }
        guard let count = lists.map(\.count).max(), count > 0 else {
            self.init(headers[values: .forwarded])
            return
        }
        // Each proxy appends to the lists that it keeps; the last words of all of them are the nearest one's.
        self.init(
            hops: (0..<count).reversed().map { place in
                let words = lists.map { place < $0.count ? $0[$0.count - 1 - place] : nil }
                return Hop(
                    visitor: words[0], host: words[1].flatMap { $0.isEmpty ? nil : $0 },
                    scheme: words[2].flatMap { $0.isEmpty ? nil : $0 })
            })
    }

    private init(hops: [Hop]) { self.hops = hops }

    /// - Parameter values: of the header's fields, in their order. A part that is malformed ends what is read of its hop, and
    ///   gives it no visitor.
    init(_ values: [String]) {
        hops = values.flatMap { value in
            Forwarded.split(value, at: ",").map { element in
                var hop = Hop()
                for pair in Forwarded.split(element, at: ";") {
                    guard let equals = pair.firstIndex(of: "="),
                        let value = Forwarded.unquoted(pair[pair.index(after: equals)...])
                    else { return Hop() }
                    switch Forwarded.trimmed(pair[..<equals]).lowercased() {
                    case "for": hop.visitor = value
                    case "host": hop.host = value
                    case "proto": hop.scheme = value
                    default: break
                    }
                }
                return hop
            }
        }
    }

    /// The parts of a list; what stands in quotation marks is not looked into.
    private static func split(_ text: some StringProtocol, at separator: Character) -> [String] {
        var parts = [""]
        var isQuoted = false
        var isEscaped = false
        for character in text {
            if !isQuoted, character == separator {
                parts.append("")
                continue
            }
            parts[parts.count - 1].append(character)
            if isEscaped {
                isEscaped = false
            } else if isQuoted, character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                isQuoted.toggle()
            }
        }
        return parts.map(trimmed).filter { !$0.isEmpty }
    }

    /// - Returns: nil where a quotation does not end, or the value is empty.
    private static func unquoted(_ text: some StringProtocol) -> String? {
        let text = trimmed(text)
        guard text.first == "\"" else { return text.isEmpty || text.contains("\"") ? nil : text }
        guard text.count > 2, text.last == "\"" else { return nil }
        var value = ""
        var isEscaped = false
        for character in text.dropFirst().dropLast() {
            if !isEscaped, character == "\\" {
                isEscaped = true
            } else {
                value.append(character)
                isEscaped = false
            }
        }
        return isEscaped ? nil : value
    }

    private static func trimmed(_ text: some StringProtocol) -> String { text.trimming { $0 == " " || $0 == "\t" } }
}
