extension JSONTestSuite {
    /// Numbers, and what is none, that the suite, and the programmers of half a century, have thought of.
    public static func oddNumbers() throws -> [String] {
        let suite = try JSONTestSuite.cases().filter { $0.name.contains("number") }.compactMap { test in
            // The suite wraps each number in an array.
            String(validating: test.bytes, as: UTF8.self)?.trimmingPrefix("[").description
        }.map { $0.hasSuffix("]") ? String($0.dropLast()) : $0 }
        return suite + [
            "0", "-0", "1", "2", "3", "4", "5", "-1", "-2", "-4", "-2147483648", "2147483647", "2147483648",
            "4294967296",
            "4294967297", "-4294967295", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
            "-9223372036854775809", "18446744073709551615", "18446744073709551616", "18446744073709551617",
            "340282366920938463463374607431768211457", "1.0", "1.000000000000000005", "1e0", "1E0", "10e-1", "0.1e1",
            "1e-999",
            "1e6", "1e400", "-1e400", "0e5", "1e", "00", "01", "+1", "1 ", " 1", "0x1", "1_000", "1,0", "NaN",
            "Infinity",
            "-Infinity", "\"1\"", "\"-1\"", "\"4\"", "\"5\"", "\"1.0\"", "\"01\"", "\"\"", "\" 1\"", "\"1\\u0000\"",
            "\"\\u0031\"", "\"٣\"", "\"³\"", "true", "false", "null", "[1]", "{\"a\":1}",
        ]
    }
}
