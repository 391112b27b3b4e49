/// One open element.
struct Frame {
    let place: Place
    /// Which kinds of children it has had.
    var seen: Seen = []
    /// Where its values begin in the reader's stack of values.
    let valueStart: Int
    /// Where its member names begin in the reader's stack of names.
    let nameStart: Int

    struct Seen: OptionSet {
        let rawValue: UInt8
        /// A child that an element may hold only one of; which one depends on the element.
        static let content = Seen(rawValue: 1)
        static let name = Seen(rawValue: 2)
    }

    /// What the element should have held and does not.
    var missing: String? {
        switch place {
        case .methodCall: seen.contains(.name) ? nil : "a methodName"
        case .methodResponse: seen.contains(.content) ? nil : "a params or a fault"
        case .param, .fault: seen.contains(.content) ? nil : "a value"
        case .array: seen.contains(.content) ? nil : "a data"
        case .member: !seen.contains(.name) ? "a name" : !seen.contains(.content) ? "a value" : nil
        case .params(let isResponse): isResponse && !seen.contains(.content) ? "a param" : nil
        case .methodName, .name, .scalar, .nil, .value, .structure, .data: nil
        }
    }
}

/// What an open element is.
enum Place: Equatable {
    case methodCall, methodName, methodResponse, fault, param, value
    /// A response has exactly one parameter, a call any number.
    case params(isResponse: Bool)
    case structure, member, name, array, data, `nil`
    case scalar(ScalarType)

    struct Child {
        let place: Place
        let mark: Frame.Seen
        var mayRepeat = false
        /// For the fault about a second one.
        var allowance = "one value"
    }

    /// The grammar: what an element may hold.
    ///
    ///     methodCall      methodName and params?, in either order
    ///     methodResponse  params | fault
    ///     params          param*  (in a response: exactly one)
    ///     param, fault    value
    ///     value           text | one type element
    ///     array           data          data    value*
    ///     struct          member*       member  name and value, in either order
    func child(_ element: Element) -> Child? {
        switch (self, element) {
        case (.methodCall, .methodName): Child(place: .methodName, mark: .name, allowance: "one methodName")
        case (.methodCall, .params):
            Child(place: .params(isResponse: false), mark: .content, allowance: "one params")
        case (.methodResponse, .params):
            Child(place: .params(isResponse: true), mark: .content, allowance: "one params or fault")
        case (.methodResponse, .fault): Child(place: .fault, mark: .content, allowance: "one params or fault")
        case (.params(let isResponse), .param):
            Child(place: .param, mark: .content, mayRepeat: !isResponse, allowance: "one param")
        case (.param, .value), (.fault, .value), (.member, .value): Child(place: .value, mark: .content)
        case (.data, .value): Child(place: .value, mark: .content, mayRepeat: true)
        case (.member, .name): Child(place: .name, mark: .name, allowance: "one name")
        case (.structure, .member): Child(place: .member, mark: .content, mayRepeat: true)
        case (.array, .data): Child(place: .data, mark: .content, allowance: "one data")
        case (.value, .array): Child(place: .array, mark: .content, allowance: "one type element")
        case (.value, .structure): Child(place: .structure, mark: .content, allowance: "one type element")
        case (.value, .nil): Child(place: .nil, mark: .content, allowance: "one type element")
        case (.value, .scalar(let type)): Child(place: .scalar(type), mark: .content, allowance: "one type element")
        default: nil
        }
    }

    /// For faults.
    var name: String {
        switch self {
        case .methodCall: "a methodCall"
        case .methodName: "a methodName"
        case .methodResponse: "a methodResponse"
        case .fault: "a fault"
        case .params: "a params"
        case .param: "a param"
        case .value: "a value"
        case .structure: "a struct"
        case .member: "a member"
        case .name: "a name"
        case .array: "an array"
        case .data: "a data"
        case .nil: "a nil"
        case .scalar: "a scalar"
        }
    }
}
