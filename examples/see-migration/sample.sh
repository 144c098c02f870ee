#!/bin/sh
# What is run in the guest.
echo "ran as $(id -un) on $(uname -s)"
