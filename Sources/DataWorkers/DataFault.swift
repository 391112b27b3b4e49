import Access
import DataProtocol
import WorkerProtocol
import XMLRPC

/// Faults of centers and data workers.
enum DataFault {
    static func invalid(_ message: String) -> XMLRPCFault {
        XMLRPCFault(code: XMLRPCFault.invalidParameters, message: message)
    }

    static func refused(_ message: String) -> XMLRPCFault { XMLRPCFault(code: FaultCode.refused, message: message) }

    /// - Parameter asked: Addresses of those who were asked, the center included.
    static func missing(_ key: ObjectKey, asked: [String]) -> XMLRPCFault {
        refused("nobody holds the key \(key); asked were \(asked.joined(separator: ", "))")
    }

    /// What an XML document can carry of a text; the rest becomes U+FFFD.
    static func xmlText(_ text: String) -> String {
        let isXML = { (scalar: Unicode.Scalar) in
            switch scalar.value {
            case 0x9, 0xA, 0xD, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...: true
            default: false
            }
        }
        guard !text.unicodeScalars.allSatisfy(isXML) else { return text }
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { scalars.append(isXML(scalar) ? scalar : "\u{FFFD}") }
        return String(scalars)
    }

    static let unknownWorkerCode = FaultCode.unknownWorker

    static func unknownWorker(_ address: String) -> XMLRPCFault {
        XMLRPCFault(
            code: FaultCode.unknownWorker,
            message: "no worker is registered at \(address); register it, and name its keys")
    }

    /// - Parameter asked: Addresses of holders, each with what it said.
    static func notBrought(_ key: ObjectKey, asked: [String]) -> XMLRPCFault {
        asked.isEmpty
            ? refused("nobody who could give it holds the key \(key)")
            : refused("no holder gave the key \(key); asked were \(asked.joined(separator: ", "))")
    }

    /// What a call throws, as it is answered.
    static func of(_ error: any Error) -> XMLRPCFault {
        switch error {
        case let fault as XMLRPCFault: fault
        case let error as ObjectKeyError: invalid("\(error)")
        default: refused("\(error)")
        }
    }
}

extension Method {
    /// A method whose answer takes as long as it takes.
    static func eventual(
        _ name: String, _ signatures: [[XMLRPCType]], help: String, role: Role? = nil,
        _ body: @escaping @Sendable ([XMLRPCValue]) async throws -> XMLRPCValue
    ) -> Method {
        Method(name: name, signatures: signatures, help: help, role: role?.rawValue ?? "") { parameters, _, reply in
            Task {
                do { reply(.success(try await body(parameters))) } catch { reply(.failure(DataFault.of(error))) }
            }
        }
    }

    /// A method that answers at once.
    static func immediate(
        _ name: String, _ signatures: [[XMLRPCType]], help: String, role: Role? = nil,
        _ body: @escaping @Sendable ([XMLRPCValue]) throws -> XMLRPCValue
    ) -> Method {
        Method(name: name, signatures: signatures, help: help, role: role?.rawValue ?? "") { parameters, _ in
            do { return try body(parameters) } catch { throw DataFault.of(error) }
        }
    }
}
