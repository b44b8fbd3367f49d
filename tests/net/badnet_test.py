# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the bad network does to packets between two namespaces. Runs in scripts/netns; 77: it cannot here."""
import json
import os
import subprocess
import sys
import time

program, netns = sys.argv[1:3]
if len(sys.argv) == 3:
    if not os.access('/dev/net/tun', os.R_OK | os.W_OK):
        print('no /dev/net/tun')
        sys.exit(77)
    sys.exit(subprocess.run([netns, sys.executable, __file__, program, netns, 'inside']).returncode)

ECHO = '''
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.77.0.2", 9)); print("ready", flush=True)
while True:
    data, sender = s.recvfrom(2000); s.sendto(data, sender)
'''
ASK = '''
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(0.4)
times, got = [], []
for number in range(int(sys.argv[1])):
    begun = time.monotonic(); s.sendto(b"%d" % number, ("10.77.0.2", 9))
    try:
        while True:
            got.append(s.recv(2000)); times.append(time.monotonic() - begun)
            if got[-1] == b"%d" % number and int(sys.argv[2]) == 0: break
    except TimeoutError: pass
print(len(got), min(times or [9]))
'''

net = subprocess.Popen([program, '--seed', '7'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
where = json.loads(net.stdout.readline())


def inside(side, code, *arguments):
    return ['nsenter', '-t', str(where[side]), '-n', sys.executable, '-c', code, *map(str, arguments)]


def weather(line):
    print(line, file=net.stdin, flush=True)
    time.sleep(0.1)


def ask(count, wait=0):
    said = subprocess.run(inside('a', ASK, count, wait), capture_output=True, text=True, check=True).stdout.split()
    return int(said[0]), float(said[1])


echo = subprocess.Popen(inside('b', ECHO), stdout=subprocess.PIPE, text=True)
assert echo.stdout.readline() == 'ready\n'
try:
    got, took = ask(20)
    assert got == 20, got
    weather('both delay=20')
    got, took = ask(10)
    assert got == 10 and 0.04 <= took < 0.2, (got, took)
    weather('a loss=1')
    assert ask(2)[0] == 0
    weather('both clear=1')
    weather('b cut=1')
    assert ask(2)[0] == 0
    weather('b cut=0')
    assert ask(5)[0] == 5
    weather('a copies=1')
    assert ask(3, wait=1)[0] == 6
    net.stdin.close()
    assert net.wait(5) == 0
finally:
    echo.kill()
    net.kill()
