/// How the body of an answer may be packed on its way, piece by piece, for whoever says that it understands it.
package protocol BodyCoding: Sendable {
    /// As in `Accept-Encoding` and `Content-Encoding` (RFC 9110, section 8.4.1).
    var name: String { get }

    /// - Throws: Why there is no memory for one.
    func makePacker() throws -> any BodyPacker
    /// - Throws: Why there is no memory for one.
    func makeUnpacker() throws -> any BodyUnpacker
}

/// Packs the pieces of one body. Each piece is packed by itself, so that some may be stored as they are.
package protocol BodyPacker: Sendable {
    /// What a piece takes at most, packed or stored.
    func byteCountMax(forPiece byteCount: Int) -> Int
    /// - Returns: How much of `output` was filled.
    func pack(_ piece: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws -> Int
    /// The same without making it shorter, in as little time as a copy takes.
    func store(_ piece: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int
}

/// Unpacks one body, in whatever pieces it comes.
package protocol BodyUnpacker: Sendable {
    /// - Parameter take: Given what comes out, in slices; the bytes are valid until it returns.
    /// - Throws: ``BodyDamage``, and whatever `take` throws.
    func append(_ bytes: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) throws -> Void) throws
    /// The body has ended.
    /// - Throws: ``BodyDamage`` when it was not whole.
    func finish() throws
}

/// A packed body is not what it is said to be.
package struct BodyDamage: Error, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// How, and whether, an answer may be packed.
package struct AnswerCoding: Sendable {
    let coding: any BodyCoding
    let wish: CodingWish

    package init(_ coding: any BodyCoding, _ wish: CodingWish) {
        self.coding = coding
        self.wish = wish
    }

    /// For `Accept-Encoding`; nil where nothing is to be packed.
    var header: String? {
        switch wish {
        case .never: nil
        case .whenItPays: coding.name
        case .always: "\(coding.name), identity;q=0"
        }
    }
}

/// Whether an answer may be packed.
package enum CodingWish: Hashable, Sendable {
    /// It is sent as it is.
    case never
    /// Where that makes it arrive sooner.
    case whenItPays
    /// In any case.
    case always
}
