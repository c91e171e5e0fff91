"""AlexNet itself: what it is, how large it is, how it is built, trained and run.

The room does not depend on the pages, and importing this package imports
nothing: TensorFlow and Keras load inside the modules that need them.
"""
