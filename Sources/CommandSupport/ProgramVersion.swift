package enum ProgramVersion {
    package static let current = "0.4.0"
}
