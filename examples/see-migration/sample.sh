#!/bin/sh
# What is run in the guest.
echo "a trace of the sample" >/root/trace
echo "ran as $(id -un) on $(uname -s)"
