import Testing

/// Real processes, one test after the other: a handful of them fills the two cores that a small machine has.
@Suite("Integration", .serialized)
enum IntegrationTests {}
