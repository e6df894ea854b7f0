"""The sound stage: what the animatic draws, heard. Everything is made from noise, sines and their decay."""
