"""What the product promises about speed, measured: `python -m benchmarks [name …] [--small]`.

Goals are ratios between two ways on the same machine in the same run, taken in alternating rounds, because
absolute times say more about the machine than about us.
"""
