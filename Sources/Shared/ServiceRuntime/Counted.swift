/// `1 message`, `2 messages`; of nouns that take an s.
public func counted(_ number: some BinaryInteger, _ noun: String) -> String {
    "\(number) \(plural(noun, of: number))"
}

/// `message` of one, `messages` of none and of several.
public func plural(_ noun: String, of number: some BinaryInteger) -> String { number == 1 ? noun : noun + "s" }
