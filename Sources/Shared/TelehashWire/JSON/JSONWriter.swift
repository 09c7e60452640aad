/// Writes JSON into one buffer: commas between members, escapes where its ``JSONEscapes`` want them.
package struct JSONWriter {
    package internal(set) var bytes: [UInt8] = []
    let escapes: JSONEscapes
    /// Whether the next member of the open object, or element of the open array, needs a comma before it.
    private var needsComma = false

    package init(_ escapes: JSONEscapes, capacity: Int = 0) {
        self.escapes = escapes
        bytes.reserveCapacity(capacity)
    }

    /// A text in its quotes.
    package static func quoted(_ text: String, _ escapes: JSONEscapes) -> String {
        var json = JSONWriter(escapes, capacity: text.utf8.count + 2)
        json.write(quoted: text)
        return json.text
    }

    /// What was written.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The members that were written, in their braces.
    package var object: String { "{\(text)}" }

    // MARK: Members

    package mutating func member(_ key: String, _ value: String?) {
        begin(member: key)
        if let value { write(quoted: value) } else { write(literal: "null") }
    }

    package mutating func member(_ key: String, _ value: (some FixedWidthInteger)?) {
        begin(member: key)
        write(literal: value.map { String($0) } ?? "null")
    }

    /// `null` for none and for what JSON has no number for.
    package mutating func member(_ key: String, number value: Double?) {
        begin(member: key)
        write(literal: value.flatMap { $0.isFinite ? "\($0)" : nil } ?? "null")
    }

    package mutating func member(_ key: String, _ value: Bool) {
        begin(member: key)
        write(literal: value ? "true" : "false")
    }

    package mutating func member(_ key: String, _ values: [String]) {
        member(key, array: values) { $0.write(quoted: $1) }
    }

    package mutating func member(_ key: String, _ values: [String: some FixedWidthInteger]) {
        begin(member: key)
        object { json in
            for (key, value) in values.sorted(by: { $0.key < $1.key }) { json.member(key, value) }
        }
    }

    /// - Parameter write: writes the value of one element.
    package mutating func member<Element>(
        _ key: String, array elements: some Sequence<Element>, _ write: (inout JSONWriter, Element) -> Void
    ) {
        begin(member: key)
        array(elements, write)
    }

    package mutating func member(_ key: String, object members: (inout JSONWriter) -> Void) {
        begin(member: key)
        object(members)
    }

    package mutating func begin(member key: String) {
        separate()
        write(quoted: key)
        bytes.append(ASCII.colon)
    }

    /// Members that were written before, without braces.
    mutating func members(encoded: [UInt8]) {
        guard !encoded.isEmpty else { return }
        separate()
        bytes.append(contentsOf: encoded)
    }

    /// A member as it was read; only what came with escapes is looked through for characters that need one.
    mutating func member(_ key: JSONText, string: JSONText) {
        separate()
        write(key)
        bytes.append(ASCII.colon)
        write(string)
    }

    private mutating func write(_ text: JSONText) {
        if text.hadEscapes {
            write(quoted: text.bytes)
        } else {
            bytes.append(ASCII.quote)
            bytes.append(contentsOf: text.bytes)
            bytes.append(ASCII.quote)
        }
    }

    // MARK: Containers

    package mutating func object(_ members: (inout JSONWriter) -> Void) {
        open(ASCII.openBrace)
        members(&self)
        close(ASCII.closeBrace)
    }

    /// - Parameter write: writes the value of one element.
    package mutating func array<Element>(
        _ elements: some Sequence<Element>, _ write: (inout JSONWriter, Element) -> Void
    ) {
        open(ASCII.openBracket)
        for element in elements {
            separate()
            write(&self, element)
        }
        close(ASCII.closeBracket)
    }

    mutating func open(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = false
    }

    mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(ASCII.comma) }
        needsComma = true
    }

    // MARK: Values

    package mutating func write(quoted text: String) {
        var text = text
        text.withUTF8 { write(quoted: $0) }
    }

    /// A value that is JSON already.
    package mutating func write(literal json: String) {
        bytes.append(contentsOf: json.utf8)
    }

    mutating func write(quoted endpoint: Endpoint) {
        bytes.append(ASCII.quote)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Endpoint.longestText) { buffer in
            let count = endpoint.write(into: buffer)
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: UnsafeBufferPointer(buffer)[..<count]))
        }
        bytes.append(ASCII.quote)
    }
}
