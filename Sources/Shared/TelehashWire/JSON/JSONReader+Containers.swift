extension JSONReader {
    // MARK: Walking

    /// Enters the array at the position; whether it has a first element, which is then at the position.
    mutating func openArray() throws(TelexError) -> Bool {
        try open(ASCII.openBracket, closing: ASCII.closeBracket)
    }

    /// Behind an element: whether another follows, which is then at the position.
    mutating func continueArray() throws(TelexError) -> Bool {
        expecting = .endOfArray
        return try proceed(closing: ASCII.closeBracket)
    }

    /// Enters the object at the position; whether it has a first member, whose key is then at the position.
    mutating func openObject() throws(TelexError) -> Bool {
        expecting = .object
        return try open(ASCII.openBrace, closing: ASCII.closeBrace)
    }

    /// Behind a member: whether another follows, whose key is then at the position.
    mutating func continueObject() throws(TelexError) -> Bool {
        expecting = .endOfObject
        return try proceed(closing: ASCII.closeBrace)
    }

    /// Reads a member's key and stops at its value.
    mutating func memberKey() throws(TelexError) -> JSONText {
        expecting = .key
        let key = try text()
        skipWhitespace()
        expecting = .colon
        try expect(ASCII.colon)
        skipWhitespace()
        return key
    }

    private mutating func open(_ bracket: UInt8, closing: UInt8) throws(TelexError) -> Bool {
        try expect(bracket)
        skipWhitespace()
        expecting = .value
        guard try peek() == closing else { return true }
        position += 1
        return false
    }

    private mutating func proceed(closing: UInt8) throws(TelexError) -> Bool {
        skipWhitespace()
        let byte = try peek()
        position += 1
        if byte == closing { return false }
        guard byte == ASCII.comma else { throw .malformed }
        skipWhitespace()
        return true
    }

    // MARK: Skipping

    /// Skips what is left of a value that ``value()`` returned.
    ///
    /// - Parameter depth: how many containers lie around it.
    mutating func skip(_ value: Value, inside depth: Int) throws(TelexError) {
        switch value {
        case .text, .number, .bool, .null: return
        case .array: try skipContainer(isObject: false, inside: depth)
        case .object: try skipContainer(isObject: true, inside: depth)
        }
    }

    private mutating func skipContainer(isObject: Bool, inside depth: Int) throws(TelexError) {
        var open = OpenContainers(depth: depth)
        try open.push(isObject: isObject)
        var hasNext = isObject ? try openObject() : try openArray()
        while true {
            if hasNext {
                if open.innermostIsObject { _ = try memberKey() }
                switch try value() {
                case .array:
                    try open.push(isObject: false)
                    hasNext = try openArray()
                    continue
                case .object:
                    try open.push(isObject: true)
                    hasNext = try openObject()
                    continue
                case .text, .number, .bool, .null: break
                }
            } else {
                open.pop()
                if open.isEmpty { return }
            }
            hasNext = open.innermostIsObject ? try continueObject() : try continueArray()
        }
    }
}

/// The containers that are open while a value is skipped: one bit for each, so their nesting costs no memory.
private struct OpenContainers {
    /// How many lie around them.
    let depth: Int
    var kinds: UInt64 = 0
    var count = 0

    var isEmpty: Bool { count == 0 }
    var innermostIsObject: Bool { kinds & 1 == 1 }

    mutating func push(isObject: Bool) throws(TelexError) {
        guard depth + count < WireLimits.nesting else { throw .nestedTooDeep }
        kinds = kinds << 1 | (isObject ? 1 : 0)
        count += 1
    }

    mutating func pop() {
        kinds >>= 1
        count -= 1
    }
}
