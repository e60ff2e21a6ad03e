"""The reference service with everything around it: stand-ins, real parts, traffic and proof of what arrived."""
