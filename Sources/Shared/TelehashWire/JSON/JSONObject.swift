/// A JSON object of a few members that is read whole and once, as messages and key files are.
///
/// No key comes twice, nothing follows the object, and what is nested in it obeys the bounds of a telex.
package struct JSONObject {
    package enum Value {
        case text(String)
        /// In the writer's spelling.
        case number(String)
        case null
        /// The object that was asked for.
        case object(JSONObject)
        /// Nothing that is read here; its grammar was checked.
        case other
    }

    package let members: [(key: String, value: Value)]

    /// - Parameter name: the member whose value is read if it is an object; other containers are passed over.
    /// - Throws: what is wrong, as a sentence's part.
    package init(_ json: [UInt8], opening name: StaticString? = nil) throws(JSONError) {
        WorkCount.did(.parse)
        self = try json.withUnsafeBufferPointer { (bytes) throws(JSONError) in
            guard bytes.isUTF8 else { throw JSONError(text: "it is not UTF-8") }
            var reader = JSONReader(bytes: bytes)
            defer { reader.releaseScratch() }
            do throws(TelexError) {
                return try JSONObject(wholeOf: &reader, opening: name)
            } catch {
                throw JSONError(error, expecting: reader.expecting)
            }
        }
    }

    /// The last member with this key; `nil` when there is none.
    package subscript(key: String) -> Value? {
        members.last { $0.key == key }?.value
    }

    private init(wholeOf reader: inout JSONReader, opening name: StaticString?) throws(TelexError) {
        reader.expecting = .object
        reader.skipWhitespace()
        try self.init(at: &reader, opening: name, depth: 1)
        reader.skipWhitespace()
        guard reader.isAtEnd else { throw .trailingBytes }
    }

    /// - Parameter depth: how many containers lie around a member.
    private init(at reader: inout JSONReader, opening name: StaticString?, depth: Int) throws(TelexError) {
        var members: [(key: String, value: Value)] = []
        // As bytes: Swift takes texts for equal that are not the same bytes.
        var seen: Set<[UInt8]> = []
        var hasNext = try reader.openObject()
        while hasNext {
            let key = try reader.memberKey()
            guard seen.insert(Array(key.bytes)).inserted else { throw .duplicateKey }
            let value = try reader.value()
            if case .object = value, let name, key == name {
                let inner = try JSONObject(at: &reader, opening: nil, depth: depth + 1)
                members.append((key.string, .object(inner)))
            } else {
                try reader.skip(value, inside: depth)
                members.append((key.string, Value(value)))
            }
            hasNext = try reader.continueObject()
        }
        self.members = members
    }
}

extension JSONObject.Value {
    fileprivate init(_ value: JSONReader.Value) {
        switch value {
        case .text(let text): self = .text(text.string)
        case .number(let text): self = .number(text.string)
        case .null: self = .null
        case .bool, .array, .object: self = .other
        }
    }
}

/// Why a text is no ``JSONObject``.
package struct JSONError: Error {
    /// A sentence's part.
    package let text: String

    fileprivate init(text: String) {
        self.text = text
    }

    fileprivate init(_ error: TelexError, expecting: JSONReader.Expectation) {
        switch error {
        case .trailingBytes: text = "something follows its end"
        case .duplicateKey: text = "a key comes twice"
        case .nestedTooDeep: text = "it has more than \(WireLimits.nesting) levels"
        case .loneSurrogate: text = "an escape is half of a surrogate pair"
        default: text = expecting.rawValue
        }
    }
}
