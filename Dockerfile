# PostgreSQL with threadmem, on the official image:
#
#   docker build -t threadmem .                            # PostgreSQL 17
#   docker build -t threadmem --build-arg PG_MAJOR=18 .
#
# test/package runs the steps of this file, of which it knows ARG, FROM, WORKDIR, COPY and RUN.

ARG PG_MAJOR=17

FROM postgres:$PG_MAJOR AS build
ARG PG_MAJOR
RUN apt-get update && \
    apt-get install -y --no-install-recommends \
        gcc libc6-dev libjansson-dev make pkg-config postgresql-server-dev-$PG_MAJOR
COPY . /src
WORKDIR /src
RUN make clean && \
    make -j2 && \
    make install DESTDIR=/install

FROM postgres:$PG_MAJOR
RUN apt-get update && \
    apt-get install -y --no-install-recommends libjansson4 && \
    rm -rf /var/lib/apt/lists/*
COPY --from=build /install /
