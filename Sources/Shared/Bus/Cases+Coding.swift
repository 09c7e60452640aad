import Messages

// Each case of these travels as its number, one byte, and what belongs to it.

extension Ack.Outcome: BusCoded {
    init(reading body: inout ByteReader) throws(BusDecodeError) {
        switch try body.read(UInt8.self) {
        case 0: self = .stored
        case 1: self = .duplicate
        case 2: self = .refused(try body.read())
        case 3: self = .failed(try body.read())
        default: throw .malformed("an ack")
        }
    }

    func write(to body: inout ByteWriter) {
        switch self {
        case .stored: body.write(UInt8(0))
        case .duplicate: body.write(UInt8(1))
        case .refused(let refusal): body.write(UInt8(2), refusal)
        case .failed(let refusal): body.write(UInt8(3), refusal)
        }
    }
}

extension Source: BusCoded {
    init(reading body: inout ByteReader) throws(BusDecodeError) {
        switch try body.read(UInt8.self) {
        case 0: self = .client
        case 1: self = .peer(try body.read())
        case 2: self = .visitor
        default: throw .malformed("a source")
        }
    }

    func write(to body: inout ByteWriter) {
        switch self {
        case .client: body.write(UInt8(0))
        case .peer(let address): body.write(UInt8(1), address)
        case .visitor: body.write(UInt8(2))
        }
    }
}

/// A search is a case of its own, so that receivers that know of none say so.
extension Query: BusCoded {
    init(reading body: inout ByteReader) throws(BusDecodeError) {
        switch try body.read(UInt8.self) {
        case 0: self = .timeline(try body.read())
        case 1: self = .message(try body.read())
        case 2: self = .after(position: try body.read(), limit: try body.read())
        case 3: self = .summary
        case 4: self = .rules(try body.read(), after: try body.read(), limit: try body.read())
        case 5:
            let search = try body.read(SearchQuery.self)
            var timeline = try body.read(Timeline.self)
            timeline.search = search
            self = .timeline(timeline)
        case 6: self = .find(try body.read())
        case 7: self = .channels
        default: throw .malformed("a query")
        }
    }

    func write(to body: inout ByteWriter) {
        switch self {
        case .timeline(let timeline):
            if let search = timeline.search {
                body.write(UInt8(5), search, timeline)
            } else {
                body.write(UInt8(0), timeline)
            }
        case .message(let id): body.write(UInt8(1), id)
        case .after(let position, let limit): body.write(UInt8(2), position, limit)
        case .summary: body.write(UInt8(3))
        case .rules(let kind, let after, let limit):
            body.write(UInt8(4), kind)
            body.write(after, limit)
        case .find(let sought): body.write(UInt8(6), sought)
        case .channels: body.write(UInt8(7))
        }
    }
}

extension Query.Sought: BusCoded {
    init(reading body: inout ByteReader) throws(BusDecodeError) {
        switch try body.read(UInt8.self) {
        case 0: self = .message(prefix: try body.read())
        case 1: self = .key(prefix: try body.read(), suffix: try body.read())
        case 2: self = .name(try body.read())
        default: throw .malformed("what is sought")
        }
    }

    func write(to body: inout ByteWriter) {
        switch self {
        case .message(let prefix): body.write(UInt8(0), prefix)
        case .key(let prefix, let suffix): body.write(UInt8(1), prefix, suffix)
        case .name(let name): body.write(UInt8(2), name)
        }
    }
}

extension Answer.Body: BusCoded {
    init(reading body: inout ByteReader) throws(BusDecodeError) {
        switch try body.read(UInt8.self) {
        case 0: self = .rows(try body.read(), more: try body.read())
        case 1: self = .summary(try body.read())
        case 2: self = .refused(try body.read())
        case 3: self = .rules(try body.read(), more: try body.read())
        case 4: self = .imported(try body.read())
        case 5: self = .done(try body.read())
        case 6: self = .found(try body.read())
        case 7: self = .channels(try body.read())
        case 8: self = .copy(try body.read())
        case 9: self = .piece(try body.read())
        default: throw .malformed("an answer")
        }
    }

    func write(to body: inout ByteWriter) {
        switch self {
        case .rows(let rows, let more): body.write(UInt8(0), rows, more)
        case .summary(let summary): body.write(UInt8(1), summary)
        case .refused(let refusal): body.write(UInt8(2), refusal)
        case .rules(let rules, let more): body.write(UInt8(3), rules, more)
        case .imported(let counts): body.write(UInt8(4), counts)
        case .done(let count): body.write(UInt8(5), count)
        case .found(let candidates): body.write(UInt8(6), candidates)
        case .channels(let channels): body.write(UInt8(7), channels)
        case .copy(let ticket): body.write(UInt8(8), ticket)
        case .piece(let piece): body.write(UInt8(9), piece)
        }
    }
}

extension Candidate: BusListed {
    static let listLimit = BusLimits.candidates

    init(reading body: inout ByteReader) throws(BusDecodeError) {
        switch try body.read(UInt8.self) {
        case 0: self = .message(try body.read())
        case 1: self = .author(try body.read(), try body.read())
        default: throw .malformed("a candidate")
        }
    }

    func write(to body: inout ByteWriter) {
        switch self {
        case .message(let id): body.write(UInt8(0), id)
        case .author(let key, let name): body.write(UInt8(1), key, name)
        }
    }
}

extension Control: BusCoded {
    init(reading body: inout ByteReader) throws(BusDecodeError) {
        switch try body.read(UInt8.self) {
        case 0: self = .set(try body.read())
        case 1: self = .store(try body.read())
        case 2: self = .copy(try body.read())
        default: throw .malformed("a control")
        }
    }

    func write(to body: inout ByteWriter) {
        switch self {
        case .set(let rule): body.write(UInt8(0), rule)
        case .store(let messages): body.write(UInt8(1), messages)
        case .copy(let step): body.write(UInt8(2), step)
        }
    }
}

extension Origin: BusCoded {
    init(reading body: inout ByteReader) throws(BusDecodeError) {
        guard let origin = Origin(rawValue: try body.read()) else { throw .malformed("where a message is from") }
        self = origin
    }

    func write(to body: inout ByteWriter) { body.write(rawValue) }
}

extension Rule.Kind: BusCoded {
    init(reading body: inout ByteReader) throws(BusDecodeError) {
        guard let kind = Rule.Kind(rawValue: try body.read()) else { throw .malformed("a rule's kind") }
        self = kind
    }

    func write(to body: inout ByteWriter) { body.write(rawValue) }
}
