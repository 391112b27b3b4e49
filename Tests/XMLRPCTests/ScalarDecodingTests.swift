import Testing
import XMLRPC

@Suite struct ScalarDecodingTests {
    @Test(
        "Text in every disguise is the same text",
        arguments: [
            ("", ""), ("<string/>", ""), ("<string></string>", ""), (" ", " "), ("<string> a </string>", " a "),
            ("a<![CDATA[<]]>b", "a<b"), ("<string>a<?pi x?>b<!-- c -->c</string>", "abc"),
            ("&#x10FFFF;", "\u{10FFFF}"), ("&#13;&#10;&#9;", "\r\n\t"), ("&amp;lt;", "&lt;"),
            ("<string>\u{7F}\u{85}\u{2028}\u{FFFD}</string>", "\u{7F}\u{85}\u{2028}\u{FFFD}"),
            ("\t<string>x</string>\r\n<!-- c -->", "x"), ("]]&gt;", "]]>"), ("e\u{301}", "e\u{301}"),
        ])
    func strings(content: String, expected: String) throws {
        guard case .value(.string(let text)) = try decodedValue(content).get() else {
            Issue.record("not a string")
            return
        }
        // Byte for byte: strings compare equal under canonical equivalence.
        #expect(Array(text.utf8) == Array(expected.utf8))
    }

    @Test(
        "Integers are decimal digits with an optional sign, in the exact range of their type",
        arguments: [
            ("<i4>2147483647</i4>", 2_147_483_647), ("<int>0000000000000000005</int>", 5), ("<i1>-128</i1>", -128),
            ("<i2>32767</i2>", 32767), ("<int a='b'>7</int>", 7), ("<int><![CDATA[7]]></int>", 7),
        ] as [(String, Int32)])
    func integers(content: String, expected: Int32) {
        #expect(decodedValue(content) == .success(.value(.int(expected))))
    }

    @Test(
        "What is not exactly one integer is refused",
        arguments: [
            "<int>5.0</int>", "<int>0x10</int>", "<int>１</int>", "<int>5 </int>", "<int>+-5</int>", "<int>--5</int>",
            "<int>2147483648</int>", "<i1>128</i1>", "<i1>-129</i1>", "<i2>32768</i2>", "<i2>-32769</i2>",
            "<i8>9223372036854775808</i8>", "<i8>-9223372036854775809</i8>", "<i8/>", "<int>-</int>",
            "<int>99999999999999999999999999</int>", "<int><int>5</int></int>", "<i3>5</i3>", "<i16>5</i16>",
            "<biginteger>5</biginteger>", "<ex:i1>5</ex:i1>", "<ex:float>5</ex:float>", "<ex:serializable/>",
            "<ex:int>5</ex:int>", "<Int>5</Int>",
        ])
    func notIntegers(content: String) {
        #expect(decodedValue(content).faultCode == XMLRPCFault.invalidRequest)
    }

    @Test("The ends of the 64-bit range are read, with and without Apache's prefix")
    func wideIntegers() {
        #expect(decodedValue("<i8>-9223372036854775808</i8>") == .success(.value(.int64(.min))))
        #expect(decodedValue("<ex:i8>+9223372036854775807</ex:i8>") == .success(.value(.int64(.max))))
        let bound = "xmlns:apache='http://ws.apache.org/xmlrpc/namespaces/extensions'"
        #expect(decodedValue("<apache:i8 \(bound)>1</apache:i8>") == .success(.value(.int64(1))))
        #expect(decodedValue("<apache:nil \(bound)/>") == .success(.value(.nil)))
        #expect(decodedValue("<ex:nil xmlns:ex='urn:other'/>").faultCode == XMLRPCFault.invalidRequest)
        #expect(decodedValue("<other:nil/>").faultCode == XMLRPCFault.invalidRequest)
        #expect(decodedValue("<nil> </nil>").faultCode == XMLRPCFault.invalidRequest)
    }

    @Test(
        "Doubles are decimal, with an optional exponent, and finite",
        arguments: [
            ("5", 5), ("5.", 5), ("-.5", -0.5), ("+0.5e-3", 0.0005), ("1E+2", 100),
            ("1.7976931348623157e308", 1.7976931348623157e308),
            ("4.9e-324", .leastNonzeroMagnitude), ("1e-999", 0),
            ("0000000000000000000000000000000000000000000000001.5", 1.5),
        ] as [(String, Double)])
    func doubles(text: String, expected: Double) {
        #expect(decodedValue("<double>\(text)</double>") == .success(.value(.double(expected))))
    }

    @Test("The sign of a negative zero survives")
    func negativeZero() throws {
        guard case .value(.double(let number)) = try decodedValue("<double>-0.0</double>").get() else {
            Issue.record("not a double")
            return
        }
        #expect(number.sign == .minus)
        let bytes = try XMLRPCCodec.encode(.value(.double(number)))
        #expect(String(decoding: bytes, as: UTF8.self).contains("<double>-0.0</double>"))
    }

    @Test(
        "What is not a finite decimal number is refused",
        arguments: [
            "1e", "e5", "1e+", "0x1p3", " 1", "1 ", "1,5", "+", "-.", ".e1", "infinity", "NaN", "-inf", "-1e400", "1d5",
            "1.5f",
            "٣", "1e5.0", "--1",
        ])
    func notDoubles(text: String) {
        #expect(decodedValue("<double>\(text)</double>").faultCode == XMLRPCFault.invalidRequest)
    }

    @Test(
        "Dates are kept as they were written",
        arguments: [
            "20000229T23:59:59", "2024-02-29T00:00:00Z", "19980717T14:08:55.5+02:00", "19980717T14:08:55-11:30",
        ])
    func dates(text: String) {
        let content = "<dateTime.iso8601>\(text)</dateTime.iso8601>"
        #expect(decodedValue(content) == .success(.value(.dateTime(text))))
    }

    @Test(
        "Days and times that don't exist are refused",
        arguments: [
            "19000229T00:00:00", "20240431T00:00:00", "20241301T00:00:00", "20240001T00:00:00", "20240100T00:00:00",
            "20240101T00:60:00", "20240101T00:00:60", "2024-0101T00:00:00", "202401-01T00:00:00", "20240101 00:00:00",
            "20240101t00:00:00", "20240101T00:00", "20240101T00:00:00.", "20240101T00:00:00+2:00",
            "20240101T00:00:00+24:00", "20240101T00:00:00ZZ", "20240101T00:00:00Z ", "", "２０240101T00:00:00",
        ])
    func notDates(text: String) {
        let content = "<dateTime.iso8601>\(text)</dateTime.iso8601>"
        #expect(decodedValue(content).faultCode == XMLRPCFault.invalidRequest)
    }

    @Test(
        "Base64 may hold white space anywhere",
        arguments: [
            ("AAEC", [0, 1, 2]), ("A A\nE\r\nC", [0, 1, 2]), ("  AA = = ", [0]), ("AAE=", [0, 1]), ("", []),
            (" \n", []),
            ("+/+/", [0xFB, 0xFF, 0xBF]),
        ] as [(String, [UInt8])])
    func base64(text: String, expected: [UInt8]) {
        #expect(decodedValue("<base64>\(text)</base64>") == .success(.value(.base64(expected))))
    }

    @Test(
        "Base64 with a foreign character, a wrong length, or padding out of place is refused",
        arguments: [
            "A", "AA", "AAA", "AAAAA", "=", "====", "A===", "AA=A", "AA==AAAA", "AAAA====", "AA==\n=", "-_-_",
            "AAA\u{A0}A",
            "AAF=", "AB==", "AA=", "AAAA=",
        ])
    func notBase64(text: String) {
        #expect(decodedValue("<base64>\(text)</base64>").faultCode == XMLRPCFault.invalidRequest)
    }

    @Test("A boolean is 0 or 1", arguments: ["2", "TRUE", " 1", "-0", "+1", "true"])
    func notBooleans(text: String) {
        #expect(decodedValue("<boolean>\(text)</boolean>").faultCode == XMLRPCFault.invalidRequest)
    }
}
