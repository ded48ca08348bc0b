"""What people declare, choose and sign: public columns, kept sweeps, operating points."""
