#!/bin/sh
# What is run in the guest.
echo "a trace of the sample" >/root/trace
if [ -d /results ]; then cp /root/trace /results; fi
echo "ran as $(id -un) on $(uname -s)"
