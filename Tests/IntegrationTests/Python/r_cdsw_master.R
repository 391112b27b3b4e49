# As the workers API of CDSW and CML is used: launches two workers, and answers each at port 6000.
library("cdsw")

workers <- launch.workers(n=2, cpu=0.2, memory=0.5, env="", script="worker.R")

for(i in c(1,2)) {
  con <- socketConnection(host="0.0.0.0", port = 6000, blocking=TRUE, server=TRUE, open="r+")
  data <- readLines(con, 1)
  print(paste("Server received:", data))
  writeLines("Hello from master!", con)
  close(con)
}
