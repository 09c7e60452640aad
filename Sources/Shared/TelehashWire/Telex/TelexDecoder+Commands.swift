extension TelexDecoder {
    /// `.see`: literal endpoints, each once, up to the limit. Entries that are none are passed over; what is no array
    /// is as good as absent.
    mutating func readSee() throws(TelexError) {
        let value = try reader.value()
        guard case .array = value else { return try reader.skip(value, inside: TelexDecoder.topLevel) }
        var seen: [Endpoint] = []
        var hasNext = try reader.openArray()
        while hasNext {
            let entry = try reader.value()
            try reader.skip(entry, inside: TelexDecoder.topLevel + 1)
            if case .text(let text) = entry, seen.count < WireLimits.seenEndpoints,
                let endpoint = Endpoint(utf8: text.bytes), !seen.contains(endpoint)
            {
                seen.append(endpoint)
            }
            hasNext = try reader.continueArray()
        }
        telex.see = seen
    }

    /// `.tap`: the rules that can be understood; the others are counted. What is no array is as good as absent.
    mutating func readTap() throws(TelexError) {
        let value = try reader.value()
        guard case .array = value else { return try reader.skip(value, inside: TelexDecoder.topLevel) }
        var rules: [TapRule] = []
        var count = 0
        var hasNext = try reader.openArray()
        while hasNext {
            let entry = try reader.value()
            count += 1
            if case .object = entry, count <= WireLimits.tapRules {
                if let rule = try readRule() { rules.append(rule) }
            } else {
                try reader.skip(entry, inside: TelexDecoder.topLevel + 1)
            }
            hasNext = try reader.continueArray()
        }
        telex.tap = rules
        telex.ignoredTapRules = count - rules.count
    }

    /// One rule, or `nil` when it is to be ignored: a part of the wrong type, a key twice, or more than the limits.
    ///
    /// A rule that can match nothing (a null, array or object to be equal to) is ignored too, which comes to the same.
    private mutating func readRule() throws(TelexError) -> TapRule? {
        let depth = TelexDecoder.topLevel + 2
        var draft = TapRuleDraft()
        var hasNext = try reader.openObject()
        while hasNext {
            let key = try reader.memberKey()
            let value = try reader.value()
            switch value {
            case .object where key == "is":
                draft.note(.is)
                try readIs(into: &draft)
            case .array where key == "has":
                draft.note(.has)
                try readHas(into: &draft)
            default:
                try reader.skip(value, inside: depth)
                draft.noteOther(key, value)
            }
            hasNext = try reader.continueObject()
        }
        return draft.rule
    }

    private mutating func readIs(into draft: inout TapRuleDraft) throws(TelexError) {
        var hasNext = try reader.openObject()
        while hasNext {
            let key = try reader.memberKey()
            let value = try reader.value()
            try reader.skip(value, inside: TelexDecoder.topLevel + 3)
            draft.add(is: key, value.scalarText)
            hasNext = try reader.continueObject()
        }
    }

    private mutating func readHas(into draft: inout TapRuleDraft) throws(TelexError) {
        var hasNext = try reader.openArray()
        while hasNext {
            let value = try reader.value()
            try reader.skip(value, inside: TelexDecoder.topLevel + 3)
            draft.add(has: value)
            hasNext = try reader.continueArray()
        }
    }
}

/// A tap rule while it is read; once something about it is wrong it stays invalid, and costs no more memory.
private struct TapRuleDraft {
    enum Part { case `is`, has }

    private var isValid = true
    private var seen: Set<Part> = []
    private var pairs: [String: String] = [:]
    private var keys: [String] = []

    var rule: TapRule? { isValid ? TapRule(is: pairs, has: keys) : nil }

    mutating func note(_ part: Part) {
        if !seen.insert(part).inserted { isValid = false }
    }

    /// A member that is no `is` object and no `has` array. Null stands for absent; other keys mean nothing yet.
    mutating func noteOther(_ key: JSONText, _ value: JSONReader.Value) {
        let part: Part? = key == "is" ? .is : key == "has" ? .has : nil
        guard let part else { return }
        note(part)
        if case .null = value { return }
        isValid = false
    }

    mutating func add(is key: JSONText, _ value: JSONText?) {
        guard let value, hasRoom(for: key), value.bytes.count <= WireLimits.tapTextBytes else {
            isValid = false
            return
        }
        isValid = pairs.updateValue(value.string, forKey: key.string) == nil
    }

    mutating func add(has value: JSONReader.Value) {
        guard case .text(let key) = value, hasRoom(for: key) else {
            isValid = false
            return
        }
        keys.append(key.string)
    }

    private func hasRoom(for key: JSONText) -> Bool {
        isValid && pairs.count + keys.count < WireLimits.tapRuleKeys && key.bytes.count <= WireLimits.tapTextBytes
    }
}
