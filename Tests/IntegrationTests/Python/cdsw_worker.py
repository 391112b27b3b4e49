"""What each of them runs."""
import os, time, socket

s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.connect((os.environ["CDSW_MASTER_IP"], 6000))
s.send("Hello From Worker".encode())
data = s.recv(1024)
s.close()

print("Response from master:", data)
