"""As the workers API of CDSW and CML is used: launches two workers, and answers each at port 6000."""
import cdsw, socket

workers = cdsw.launch_workers(n=2, cpu=0.2, memory=0.5, script="worker.py")

s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.bind(("0.0.0.0", 6000))
s.listen(1)

for i in range(2):
    conn, addr = s.accept()
    data = conn.recv(20)
    if not data:
        break
    print("Response from worker:", data)
    conn.send("Hello From Server!".encode())
conn.close()
