import TestSupport
import Testing
import XMLRPC

@Suite struct DateTimeTests {
    @Test("A date gives back the numbers that it was made of, in any of its forms")
    func numbers() throws {
        let date = try #require(XMLRPCDateTime("2024-02-29T23:59:58.0625-07:30"))
        #expect([date.year, date.month, date.day, date.hour, date.minute, date.second] == [2024, 2, 29, 23, 59, 58])
        #expect(date.nanosecond == 62_500_000)
        #expect(date.zoneSeconds == -27_000)
        #expect(date.description == "2024-02-29T23:59:58.0625-07:30")

        let plain = try #require(XMLRPCDateTime(year: 1998, month: 7, day: 17, hour: 14, minute: 8, second: 55))
        #expect(plain.description == "19980717T14:08:55")
        #expect(plain.zoneSeconds == nil && plain.nanosecond == 0)
        #expect(
            [plain.year, plain.month, plain.day, plain.hour, plain.minute, plain.second] == [1998, 7, 17, 14, 8, 55])
        #expect(XMLRPCDateTime("19980717T14:08:55Z")?.zoneSeconds == 0)
        #expect(XMLRPCDateTime("19980717T14:08:55.123456789999")?.nanosecond == 123_456_789)
    }

    @Test(
        "A day or time that does not exist is none",
        arguments: [
            "", "1998", "19980230T00:00:00", "19980717T24:00:00", "19980717 14:08:55", "1998-0717T00:00:00",
        ])
    func nonsense(text: String) {
        #expect(XMLRPCDateTime(text) == nil)
    }

    @Test(
        "Seconds since 1970 are a calendar's date and the other way round",
        arguments: [
            (0, "19700101T00:00:00"), (900_684_535, "19980717T14:08:55"), (-1, "19691231T23:59:59"),
            (951_782_400, "20000229T00:00:00"), (-62_167_219_200, "00000101T00:00:00"),
            (253_402_300_799, "99991231T23:59:59"), (4_107_542_400, "21000301T00:00:00"),
        ] as [(Int64, String)])
    func seconds(seconds: Int64, text: String) throws {
        let date = try #require(XMLRPCDateTime(secondsSinceEpoch: seconds))
        #expect(date.description == text)
        #expect(date.secondsSinceEpoch() == seconds)
        #expect(date.secondsSinceEpoch(assumingZoneSeconds: 3600) == seconds - 3600)
        #expect(XMLRPCDateTime(text + "+01:00")?.secondsSinceEpoch(assumingZoneSeconds: 7) == seconds - 3600)
    }

    @Test("Years that have no four digits have no date")
    func farYears() {
        for seconds in [Int64.min, Int64.max, -62_167_219_201, 253_402_300_800] {
            #expect(XMLRPCDateTime(secondsSinceEpoch: seconds) == nil)
        }
    }

    @Test("Any moment comes back from its date", arguments: UInt64(0)..<20)
    func roundTrip(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<500 {
            let seconds = Int64.random(in: -62_167_219_200...253_402_300_799, using: &random)
            let date = try #require(XMLRPCDateTime(secondsSinceEpoch: seconds))
            #expect(date.secondsSinceEpoch() == seconds, "seed \(seed)")
        }
    }
}
