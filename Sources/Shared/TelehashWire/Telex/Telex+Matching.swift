extension Telex {
    /// The value of a key as text, as taps compare it; `nil` when it is absent or no scalar.
    ///
    /// A hop of 0 is absent: that is how 2011 spells it.
    public func text(of key: String) -> String? {
        if key.utf8.first == ASCII.plus { return signals[key] }
        return switch key {
        case "_to": to?.description
        case "_ring": ring?.description
        case "_line": line?.description
        case "_br": br?.description
        case "_hop": hop == 0 ? nil : hop.description
        default: fields.first { $0.key == key }?.text
        }
    }

    /// Whether a key is present.
    public func has(_ key: String) -> Bool {
        // Most rules ask for signals, and the worst for some that no telex has. A lone `+` is no signal.
        if key.utf8.first == ASCII.plus, key.utf8.count > 1 { return signals[key] != nil }
        return switch key {
        case ".see": see != nil
        case ".tap": tap != nil
        default: text(of: key) != nil || fields.contains { $0.key == key }
        }
    }
}
