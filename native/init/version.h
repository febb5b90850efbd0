/* The version that HELLO and READY tell; the build gives the project's. */
#ifndef IGNITE_VERSION
#define IGNITE_VERSION "1.0.0"
#endif
