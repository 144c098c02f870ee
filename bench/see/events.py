"""Events per second of python-see's Observable: one event, ten synchronous handlers. Prints one number a round."""
import sys
import time

from see.observer import Observable

count, rounds = int(sys.argv[1]), int(sys.argv[2])
observable = Observable("bench")
seen = [0]


def handler(event):
    seen[0] += 1


for _ in range(10):
    observable.subscribe("tick", handler)
for _ in range(rounds):
    start = time.perf_counter()
    for number in range(count):
        observable.trigger("tick", number=number)
    print(count / (time.perf_counter() - start))
assert seen[0] == 10 * count * rounds
