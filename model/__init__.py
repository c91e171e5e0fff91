"""AlexNet itself: what it is, how large it is, how it is built, trained and run.

Nothing here knows that it is being shown, and importing this package imports
nothing: TensorFlow and Keras load inside the modules that need them.
"""
