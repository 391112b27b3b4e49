import XMLRPC

/// Something that goes wrong between a worker and its master.
struct Fault: Sendable {
    enum Action: Sendable {
        /// The connection ends before the master has heard of it.
        case unheard
        /// The master has answered, and the connection ends before the answer comes.
        case answerLost
        /// The connection ends in the middle of the answer.
        case answerCut
        /// The connection ends after the answer, and nothing has said that it would.
        case closed
        /// An answer in the master's place, who hears nothing.
        case answered(status: Int, text: String)
        /// The master hears something else.
        case rewritten(@Sendable (MethodCall) -> MethodCall)
    }

    let name: String
    let action: Action
    /// How often it happens.
    var count: Int
    let concerns: @Sendable (Exchange) -> Bool

    init(
        _ name: String, _ action: Action, count: Int = 1, concerns: @escaping @Sendable (Exchange) -> Bool
    ) {
        self.name = name
        self.action = action
        self.count = count
        self.concerns = concerns
    }

    /// Whether it is known only when the master has answered.
    var followsAnswer: Bool {
        switch action {
        case .answerLost, .answerCut, .closed: true
        case .unheard, .answered, .rewritten: false
        }
    }
}
