import Foundation
import XMLRPC

/// A value in the sample's own notation: one key that names the type.
struct SampleValue: Decodable {
    let value: XMLRPCValue

    private enum Key: String, CodingKey {
        case i, b, s, d, t, x, n, a, o, l
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        guard let key = fields.allKeys.first else {
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "a value without a type"))
        }
        value =
            switch key {
            case .i: .int(try fields.decode(Int32.self, forKey: key))
            case .b: .boolean(try fields.decode(Bool.self, forKey: key))
            case .s: .string(try fields.decode(String.self, forKey: key))
            case .d: .double(try fields.decode(Double.self, forKey: key))
            case .t: .dateTime(try fields.decode(String.self, forKey: key))
            case .x: .base64([UInt8](try fields.decode(Data.self, forKey: key)))
            case .n: .nil
            case .a: .array(try fields.decode([SampleValue].self, forKey: key).map(\.value))
            case .o: .structure(try fields.decode([String: SampleValue].self, forKey: key).mapValues(\.value))
            case .l: .int64(try fields.decode(Int64.self, forKey: key))
            }
    }
}
