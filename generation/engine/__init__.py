"""What makes pixels. Knows torch and diffusers, and nothing of Django.

`request.py` says what may be asked, `clip.py` what comes back, `catalogue.py` who can draw it. Importing this
package, or those three, does not import torch: the web process reads them too.
"""
