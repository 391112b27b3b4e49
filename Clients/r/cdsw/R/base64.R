base64.letters <- charToRaw("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")

base64 <- function(bytes) {
    if (length(bytes) == 0) return("")
    missing <- -length(bytes) %% 3
    three <- matrix(as.integer(c(bytes, raw(missing))), nrow = 3)
    bits <- three[1, ] * 65536L + three[2, ] * 256L + three[3, ]
    four <- rbind(bits %/% 262144L, bits %/% 4096L %% 64L, bits %/% 64L %% 64L, bits %% 64L)
    letters <- base64.letters[four + 1L]
    if (missing > 0) letters[length(letters) - seq_len(missing) + 1L] <- charToRaw("=")
    rawToChar(letters)
}

unbase64 <- function(text) {
    values <- match(charToRaw(text), base64.letters) - 1L
    # What is no letter is a line's end, or padding.
    values <- values[!is.na(values)]
    missing <- -length(values) %% 4
    if (missing == 3) stop("the master's answer has base64 that is cut off", call. = FALSE)
    four <- matrix(c(values, integer(missing)), nrow = 4)
    bits <- four[1, ] * 262144L + four[2, ] * 4096L + four[3, ] * 64L + four[4, ]
    bytes <- as.raw(rbind(bits %/% 65536L, bits %/% 256L %% 256L, bits %% 256L))
    bytes[seq_len(length(bytes) - missing)]
}
